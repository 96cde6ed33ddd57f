/** The result of `read`, or `otherwise` if it throws: for work whose errors all mean the same. */
export function attempt<Result>(read: () => Result): Result | undefined
export function attempt<Result, const Otherwise>(read: () => Result, otherwise: Otherwise): Result | Otherwise
export function attempt(read: () => unknown, otherwise?: unknown): unknown {
  try {
    return read()
  } catch {
    return otherwise
  }
}
