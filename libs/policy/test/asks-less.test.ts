import { expect, it } from "vitest"
import { asksLess } from "../src/asks-less.ts"
import { PermissionModeSchema } from "../src/schema.ts"

it("only a mode that decides something by itself asks less, and none asks less than itself", () => {
  const modes = PermissionModeSchema.options
  const less = modes.flatMap((mode) => modes.filter((than) => asksLess(mode, than)).map((than) => `${mode} ${than}`))
  expect(less).toEqual([
    "acceptEdits default",
    "acceptEdits plan",
    "acceptEdits dontAsk",
    "bypassPermissions default",
    "bypassPermissions plan",
    "bypassPermissions acceptEdits",
    "bypassPermissions dontAsk",
    "bypassPermissions auto",
    "auto default",
    "auto plan",
    "auto acceptEdits",
    "auto dontAsk",
  ])
})
