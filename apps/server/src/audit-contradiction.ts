/** The log is not what it was when it was last signed, or looked at by a witness. The message says where, and what to do. */
export class AuditContradiction extends Error {
  override readonly name = "AuditContradiction"
}
