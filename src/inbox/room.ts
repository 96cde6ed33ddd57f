/**
 * The inbox: one list of everything that waits for people, be it a step, a question, a goal or a proposed fact, and the
 * answers to it. It holds nothing of its own. Use it to show a person what to decide; use `notify/` where nobody looks.
 */

import type { WorkRoom } from '../house/room.ts'
import { INBOX_CONTRACT } from './room/contract.ts'

export const inboxRoom: WorkRoom = { contract: INBOX_CONTRACT }
