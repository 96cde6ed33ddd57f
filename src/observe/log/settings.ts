/** The format of log lines and the minimum level. */
export type LogConfig = { readonly log?: LogForm; readonly level?: LogLevel }
export type LogForm = (typeof LOG_FORMS)[number]
export type LogLevel = (typeof LOG_LEVELS)[number]

export const LOG_FORMS = ['json', 'pretty', 'none'] as const
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
