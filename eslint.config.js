import regexp from "eslint-plugin-regexp"
import tseslint from "typescript-eslint"

// Only what needs types, and the time that regular expressions take; everything else is Biome's.
export default tseslint.config(
  {
    ignores: ["**/dist/**", "**/*.gen.ts", "**/generated/**", "**/node_modules/**", "**/*.mjs", "**/*.js", "**/*.cjs"],
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    languageOptions: {
      parser: tseslint.parser,
      // One program for all of them: with one for each package what they share is looked at again in each.
      parserOptions: {
        project: ["./tsconfig.lint.json", "./apps/dashboard/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-for-in-array": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/no-unnecessary-type-assertion": "error",
      "@typescript-eslint/no-unsafe-argument": "error",
      "@typescript-eslint/no-unsafe-assignment": "error",
      "@typescript-eslint/no-unsafe-call": "error",
      "@typescript-eslint/no-unsafe-member-access": "error",
      "@typescript-eslint/no-unsafe-return": "error",
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/restrict-plus-operands": "error",
      "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // Whoever sends a text says how long it is (spec/threats.md, C8).
    files: ["apps/**/*.ts", "apps/**/*.tsx", "libs/**/*.ts"],
    ignores: ["**/test/**"],
    plugins: { regexp },
    rules: { "regexp/no-super-linear-backtracking": "error", "regexp/no-super-linear-move": "error" },
  },
  {
    // Matchers and parsed JSON are any by nature; there a wrong guess fails the test, which is what tests are for.
    files: ["**/test/**/*.ts", "**/*.test.ts"],
    rules: Object.fromEntries(
      ["argument", "assignment", "call", "member-access", "return"].map((use) => [
        `@typescript-eslint/no-unsafe-${use}`,
        "off",
      ]),
    ),
  },
)
