import type { TemplateFields } from "./events.ts"

/** Templates that are everybody's, by their id; nobody changes them. */
const builtIn: Readonly<Record<string, TemplateFields>> = {
  "code-reviewer": {
    name: "code-reviewer",
    description: "Reads what has changed and says what is wrong with it. Changes nothing.",
    permissionMode: "plan",
    prompt: `Review the changes in this folder against {{base=the last commit}}. Read the whole of each file that was touched, not only its diff.

Look for: {{focus=mistakes, missing tests, unsafe input, names that mislead}}.

Give each finding with file and line, what goes wrong and when, and what you would do. The worst first; nothing that is only taste. If there is nothing to say, say so.`,
  },
  "ci-runner": {
    name: "ci-runner",
    description: "Runs the checks, mends what they find, and runs them again.",
    permissionMode: "acceptEdits",
    prompt: `Run {{command=the checks of this repository}} and read all that they print.

Mend what fails where it comes from: never by skipping a test, weakening a check or catching an error away. Run them again until they pass, or until you know why they cannot.

At the end say what failed, why, what you changed, and what is left.`,
  },
  "pr-reviewer": {
    name: "pr-reviewer",
    description: "Reads a branch as a reviewer would before it is merged. Changes nothing.",
    permissionMode: "plan",
    prompt: `Review the branch {{branch}} as it would be merged into {{target=main}}: git diff {{target=main}}...{{branch}}, and the files around it.

What is it meant to do, and does it? What breaks for somebody who relies on how it was? What is not tested? What would you ask its author?

End with one line: merge, merge after changes, or do not merge, and the reason.`,
  },
  "docs-writer": {
    name: "docs-writer",
    description: "Brings documentation in line with what the code does.",
    permissionMode: "acceptEdits",
    prompt: `Bring the documentation of {{subject=this repository}} in line with what the code does. Try every command and example before you keep it.

Write for {{reader=somebody who uses it for the first time}}: what it is for, the smallest example that works, then the rest. Short sentences, the terms of the field, no promises that the code does not keep. Change documentation only.`,
  },
}

export function builtInTemplate(templateId: string): TemplateFields | undefined {
  return Object.hasOwn(builtIn, templateId) ? builtIn[templateId] : undefined
}

export const builtInIds: readonly string[] = Object.keys(builtIn)
