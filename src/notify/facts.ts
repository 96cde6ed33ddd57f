import type { ErrorCodes } from '../errors.ts'

export const noticeCodes = {
  notice_failed: {
    as: 'TerminalError',
    means: 'a receiver under `notify:`, or `onEnd` of the program, did not take a message for a day',
  },
  notice_refused: {
    as: 'TerminalError',
    means: 'a receiver under `notify:` answered with another status than 2xx, or `onEnd` of the program threw',
  },
  notice_secret: {
    as: 'TerminalError',
    means: 'the secret of a receiver under `notify:` is missing, or has another form than whsec_…',
  },
} as const satisfies ErrorCodes

export const noticeOperations = {
  'notices.list': { method: 'get', path: '/notices', takes: [], gives: 'items' },
  'notices.test': { method: 'post', path: '/notices/test', takes: [], gives: 'items' },
} as const
