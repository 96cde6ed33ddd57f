/** The path of a presence that keeps no process alive: its reader only waits for the end of the process. */
export const WATCH_PATH = '/presence?hold=false'

/** Whether that is such a request. */
export const isWatch = (url: string | undefined): boolean => url === `/v1${WATCH_PATH}`
