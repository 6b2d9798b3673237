local operations = require("db.operations")
local helpers = require("helpers")
local dbal = require("dbal")

describe("operations", function()
  local post

  before_each(function()
    post = operations.createPost(dbal, "acme", { title = "first", createdAt = 1 })
  end)

  it("makes and reads", function()
    expect(operations.getPost(dbal, post.id).title).toBe("first")
    expect(operations.getPost(dbal, "nobody")).toBeNil()
  end)

  it("lists a page, newest first", function()
    operations.createPost(dbal, "acme", { title = "second", createdAt = 2 })
    operations.createPost(dbal, "other", { title = "third", createdAt = 3 })
    local items = operations.listPosts(dbal, "acme")
    expect(#items).toBe(2)
    expect(items[1].title).toBe("second")
    expect(operations.listPosts(dbal, "acme", 1, 1)[1].title).toBe("first")
  end)

  it("changes, finds and deletes", function()
    expect(operations.setLikes(dbal, post.id, 3).likes).toBe(3)
    expect(operations.findByTitle(dbal, "acme", "first").id).toBe(post.id)
    expect(operations.deletePost(dbal, post.id)).toBe(true)
    expect(operations.deletePost(dbal, post.id)).toBe(false)
    expect(operations.findByTitle(dbal, "acme", "first")).toBeNil()
  end)

  it("asks a handle that is a mock", function()
    local handle = { list = mock.fn() }
    handle.list:mockReturnValue({ items = { { id = "1" } } })
    expect(operations.listPosts(handle, "acme")).toEqual({ { id = "1" } })
    expect(handle.list).toHaveBeenCalledTimes(1)
  end)

  it("finds modules of its dependency", function()
    expect(helpers.heading("hello")).toBe("Hello")
    expect(helpers.same).toBe(true)
    expect(helpers.manifest().packageId).toBe("kit_forum")
  end)
end)
