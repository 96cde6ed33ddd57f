const CORRUPT = 11

/** Whether an error says that the file's structure is damaged where it was read: SQLite's code, and what it adds in the higher bytes. */
export function isCorrupt(error: unknown): boolean {
  const { rawCode } = (error ?? {}) as { readonly rawCode?: unknown }
  return typeof rawCode === 'number' && rawCode % 256 === CORRUPT
}
