/** Arguments of Node with which a program of this checkout finds its modules fast. */
export const AS_SOURCES: readonly string[] = ['--import', new URL('resolve-sources.ts', import.meta.url).href]
