import { TerminalError } from '../errors.ts'

/** The error of a file that cannot be read: `why` follows its name, such as `it is a broken PDF`. */
export const unread = (why: string, code = 'invalid_input') => new TerminalError(why, { code })
