import { AsyncLocalStorage } from 'node:async_hooks'

/** A request of a caller over the network. It ends with its answer; work that it began goes on without it. */
type OpenRequest = { readonly owner: string; readonly begun: number; isOpen: boolean }

const requests = new AsyncLocalStorage<OpenRequest>()
let last = 0

/** The next number in the order of what happens in this process. No clock is asked. */
export const nextMoment = (): number => ++last

/** Does the work of a request, whose caller was looked up after the moment `begun`. */
export async function withinRequest<Result>(
  { owner, begun }: Pick<OpenRequest, 'owner' | 'begun'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const request = { owner, begun, isOpen: true }
  try {
    return await requests.run(request, work)
  } finally {
    request.isOpen = false
  }
}

/** Whether this is the work of a request of that owner which began before a moment. */
export function beganBefore(owner: string, moment: number): boolean {
  const request = requests.getStore()
  return request?.isOpen === true && request.owner === owner && request.begun < moment
}
