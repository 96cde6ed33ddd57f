import type { Toolbox } from '../../../tool/toolbox.ts'

/** How an operation is called that somebody wrote in one word with its tool, such as `filesystem.read`; undefined for any other word. */
export function callMeant(word: string, toolbox: Toolbox): string | undefined {
  const [, tool = '', operation] = /^([\w-]+)[:./](\w+)$/.exec(word.trim()) ?? []
  const isThere = operation !== undefined && toolbox.operations(tool).includes(operation)
  return isThere ? `write \`tool: ${tool}\`, \`action: ${operation}\`` : undefined
}
