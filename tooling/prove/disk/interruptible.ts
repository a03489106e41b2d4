/** Does the work; when Ctrl+C or an order to end comes first, cleans up and ends the process. */
export async function interruptible<T>(work: () => Promise<T>, cleanUp: () => void): Promise<T> {
  const end = () => {
    cleanUp()
    process.exit(130)
  }
  process.once("SIGINT", end)
  process.once("SIGTERM", end)
  try {
    return await work()
  } finally {
    process.off("SIGINT", end)
    process.off("SIGTERM", end)
    cleanUp()
  }
}
