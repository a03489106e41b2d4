// Browser-safe: contract, dashboard and clients read these too.

export {
  type Approvers,
  ApproversSchema,
  type Budget,
  BudgetSchema,
  type Policy,
  PolicySchema,
  type Rule,
  type RuleMatch,
  RuleMatchSchema,
  RuleSchema,
  type ToolKind,
  ToolKindSchema,
} from "./policy-document.ts"
export { type TimeWindow, TimeWindowSchema } from "./time-window.ts"
export {
  type AccessMark,
  AccessMarkSchema,
  type Decision,
  DecisionSchema,
  type Permission,
  type PermissionMode,
  PermissionModeSchema,
  PermissionSchema,
  type Role,
  RoleSchema,
} from "./words.ts"
