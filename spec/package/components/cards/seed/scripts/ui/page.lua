return { render = function(props) return { type = 'Text' } end }
