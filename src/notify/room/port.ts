import type { NoticeDocument, NoticeTrial } from './documents.ts'

export type { NoticeDocument, NoticeTrial } from './documents.ts'

/** Messages to the receivers under `notify:`, about work that waits for a person or has failed. */
export interface NoticesPort {
  /** Lists the messages that no receiver has taken yet, the oldest first: those that are tried, and those given up. */
  list(): Promise<readonly NoticeDocument[]>
  /** Sends a test message to each receiver, once, and says what came of it. */
  test(): Promise<readonly NoticeTrial[]>
}
