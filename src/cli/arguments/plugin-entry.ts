type Missing = { readonly say: string; readonly line: string }

/** The sentence and the line that an antiphon.yaml lacks to load a plugin; undefined: it names the plugin. */
export async function missingPlugin(text: string, path: string): Promise<Missing | undefined> {
  const plugins = await pluginsIn(text)
  if (plugins === undefined) return { say: 'Add this to', line: `plugins: [${path}]` }
  const isListed = plugins.some((one) => typeof one === 'string' && one.replace(/^\.\//, '') === path)
  return isListed ? undefined : { say: 'Add this entry to the list `plugins` in', line: path }
}

/** The entries of `plugins`; undefined: the file has no such key. */
async function pluginsIn(text: string): Promise<readonly unknown[] | undefined> {
  // read late, so that `--help` is fast
  const { parse } = await import('yaml')
  let settings: unknown
  try {
    settings = parse(text)
  } catch {
    // a file that is no YAML yet: the person sees that for themselves
    return /^plugins\s*:/m.test(text) ? [] : undefined
  }
  if (typeof settings !== 'object' || settings === null || !('plugins' in settings)) return undefined
  return Array.isArray(settings.plugins) ? settings.plugins : []
}
