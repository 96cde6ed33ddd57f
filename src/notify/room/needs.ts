import type { House } from '../../house/house.ts'
import type { InboxItem } from '../../thread/room/documents/inbox.ts'
import type { OnEnd } from '../item.ts'
import type { Receiver } from '../settings.ts'

/** The needs of notices: what they use of the house beside what every room gets. */
export type NoticeNeeds = {
  readonly config: {
    readonly notify?: readonly Receiver[]
    readonly restate?: object
    readonly retention: { readonly deadLetterDays: number }
    readonly serve?: { readonly publicUrl?: string }
    readonly web?: { readonly proxy?: string }
  }
  /** a value as it leaves: without secrets */
  shown<Value>(value: Value): Value
  /** the dollars that the models of a run took, as far as they are known */
  costOfRun(run: string): Promise<number | undefined>
  /** Calls back with the name of each actor that has changed on disk. Absent where other processes change some, too. */
  readonly watch?: (listener: (actor: string) => void) => () => void
  /** the callback of the program */
  readonly onEnd?: OnEnd
  /** what waits for people, the longest wait first; with `run`, only steps of that run */
  inbox(query: WaitingQuery): Promise<readonly InboxItem[]>
}

type WaitingQuery = {
  readonly run?: string
  readonly owner?: string
  readonly limit: number
  /** the contents of steps are not read */
  readonly content?: 'none'
}

/** The house as notices use it. */
export type NoticeHouse = House & NoticeNeeds
