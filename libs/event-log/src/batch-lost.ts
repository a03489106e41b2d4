/** A batch that certainly left nothing, by no fault of its own: a connection that was cut, a deadlock. Worth another try. */
export class BatchLost extends Error {
  override readonly name = "BatchLost"
}
