/**
 * When a recorded model asks the real one. `once`: for requests that are not recorded · `never` · `always`: once for
 * each request of this process, and the new replies replace the old ones.
 */
export type RecordMode = 'once' | 'never' | 'always'
