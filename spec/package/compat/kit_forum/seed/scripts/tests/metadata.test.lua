local metadata = load_cases("metadata.json")
local components = load_cases("components.json")

describe("manifest", function()
  it("is that of the package", function()
    expect(metadata.packageId).toBe("kit_forum")
    expect(metadata.permissions).toHaveProperty("forum.read")
  end)

  it.each(components)("component %# has an id", function(component)
    expect(component.id).toBeDefined()
  end)
end)
