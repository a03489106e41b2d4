export {
  type AuthorizeOptions,
  authorize,
  type Principal,
  permissionsOf,
  type Target,
  type Verdict,
} from "./authorize.ts"
export { type JudgeByModeOptions, type Judgement, judgeByMode, type ToolRequest } from "./judge-by-mode.ts"
export type { AccessMark, Decision, Permission, PermissionMode, Role } from "./schema.ts"
