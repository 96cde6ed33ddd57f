/** Folders of other products, at any depth. */
const PRODUCT_FOLDERS: readonly string[] = ['.claude', '.github']

/** Endings of the names of their files. */
const PRODUCT_ENDINGS: readonly string[] = ['.agent.md', '.chatmode.md']

/** Keys that other products have for the file of an agent, and no other kind of file. */
const PRODUCT_KEYS: ReadonlySet<string> = new Set([
  ...['argument-hint', 'color', 'disable-model-invocation', 'handoffs', 'hooks', 'infer', 'mcp-servers', 'mode'],
  ...['permissionMode', 'target', 'user-invocable', 'user-invokable'],
])

/**
 * Why the file of an agent counts as written for another product: its folder, the ending of its name, or a key.
 * Undefined: it is written for antiphon.
 */
export function productOf(file: string, keys: readonly string[]): string | undefined {
  const [name = '', ...folders] = file.split(/[/\\]/).toReversed()
  const folder = folders.find((one) => PRODUCT_FOLDERS.includes(one))
  if (folder !== undefined) return `it is in ${folder}`
  const ending = productEnding(name)
  if (ending !== undefined) return `its name ends with ${ending}`
  const key = keys.find((one) => PRODUCT_KEYS.has(one))
  return key && `it has the key \`${key}\``
}

/** The ending of a file's name that only other products have. */
export const productEnding = (file: string) => PRODUCT_ENDINGS.find((one) => file.endsWith(one))
