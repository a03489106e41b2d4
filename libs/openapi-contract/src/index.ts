export { toDocument } from "./document.ts"
export { auditOf, isGrant, type OperationMarks, permissionOf } from "./operation.ts"
export { type OperationId, operations } from "./operations.ts"
export { type Problem, ProblemSchema } from "./problem.ts"
