import { EventLogError } from "./event-log-error.ts"

/** The storage cannot be reached at present. It is tried again without being asked; readers wait for it. */
export class StorageAway extends EventLogError {
  constructor(message: string, options?: ErrorOptions) {
    super("storage-failed", message, options)
  }
}
