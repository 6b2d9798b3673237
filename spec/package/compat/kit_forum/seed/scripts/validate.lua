-- The folder of the same name holds the parts.
return require("validate")
