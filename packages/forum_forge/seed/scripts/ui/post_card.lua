--- PostCard: one post with its author and its likes.
local text = require('text')
local time = require('time')
local ui = require('ui')

local M = {}

---@class forum_forge.PostCardProps
---@field post ForumPost
---@field userId? string who would like it; without, there is no button
---@field onLike? string the operation that likes a post

--- Renders the card.
---@param props forum_forge.PostCardProps
---@return ui.Node
function M.render(props)
  local post = props.post
  local onLike, userId = props.onLike, props.userId
  return ui.Card({
    key = post.id,
    ui.Flex({
      ui.Avatar({ name = post.authorId }),
      ui.Text({ weight = 'bold', post.authorId }),
      ui.Text({ variant = 'caption', time.iso(post.createdAt) }),
      post.updatedAt and ui.Text({ variant = 'caption', 'edited ' .. time.iso(post.updatedAt) }),
    }),
    ui.Markdown(post.content),
    ui.Flex({
      ui.Badge(text.plural(post.likes, 'like')),
      onLike and userId and ui.Button({ onClick = ui.action(onLike, post.id, userId), 'Like' }),
    }),
  })
end

return M
