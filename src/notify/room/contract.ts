import { listOf } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { noticeOperations } from '../facts.ts'
import { noticeDocument, noticeTrial } from './documents.ts'

/** Notices: list those that are not delivered, and try the receivers out. */
export const NOTICES_CONTRACT = describe(noticeOperations, {
  'notices.list': {
    scope: 'admin',
    summary: 'List the messages about waiting work that their receivers have not taken',
    answer: { about: 'the messages, the oldest first', schema: listOf(noticeDocument) },
  },
  'notices.test': {
    scope: 'admin',
    summary: 'Send a test message to each receiver under `notify:`',
    answer: { about: 'what came of each message', schema: listOf(noticeTrial) },
  },
})
