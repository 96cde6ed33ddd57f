import type { NoticeDocument, NoticeTrial } from './documents.ts'

export type { NoticeDocument, NoticeTrial } from './documents.ts'

/** Messages to the receivers under `notify:`, about work that waits for a person or has failed. */
export interface NoticesPort {
  /** Lists the messages that their receivers have not taken, the oldest first, also those that were given up. */
  list(): Promise<readonly NoticeDocument[]>
  /** Sends a test message to each receiver, once, and returns the results. */
  test(): Promise<readonly NoticeTrial[]>
}
