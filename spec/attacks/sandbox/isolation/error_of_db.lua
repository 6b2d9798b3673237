-- expect: ok
local ok, problem = pcall(db.note.create, { data = {} }) assert(getmetatable(problem) == false) problem.message = 'mine' local _, other = pcall(db.note.create, { data = {} }) assert(other.message ~= 'mine')
