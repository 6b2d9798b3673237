return require("cart")
