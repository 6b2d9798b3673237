return { started = false }
