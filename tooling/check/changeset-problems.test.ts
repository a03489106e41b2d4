import { expect, it } from "vitest"
import { changesetProblems } from "./changeset-problems.ts"

const published = ["@aegis/policy", "@aegis/client"]
const changeset = (head: string, summary = "Something new.") => `---\n${head}\n---\n\n${summary}\n`

it("is content with a changeset for packages that are published", () => {
  expect(changesetProblems(changeset('"@aegis/policy": minor\n"@aegis/client": patch'), published)).toEqual([])
})

it.each([
  [
    "a package that does not exist",
    changeset('"@aegis/planted": patch'),
    "names @aegis/planted, which is not published",
  ],
  ["an unknown size", changeset('"@aegis/policy": huge'), 'wants "huge" for @aegis/policy: patch, minor or major'],
  ["no words", changeset('"@aegis/policy": patch', ""), "says nothing to the people who read it"],
  ["no head", "Something new.\n", "has no head between two lines of ---"],
])("finds %s", (_what, text, problem) => {
  expect(changesetProblems(text, published)).toEqual([problem])
})
