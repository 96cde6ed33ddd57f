import type { Configure } from './cli.ts'

/** The real thing: configuration and runtime are loaded when a command needs them, so that `--help` is quick. */
export const configure: Configure = async (where) => {
  const [{ loadConfig }, { createRuntime }] = await Promise.all([import('../config.ts'), import('../runtime.ts')])
  const config = await loadConfig(where)
  const { data, durability, embedder, restate, serve } = config
  const settings = {
    ...(durability && { durability }),
    ...(embedder && { embedder }),
    ...(restate && { restate }),
    ...(serve && { serve }),
  }
  return { data, ...settings, machine: config, open: (owner) => createRuntime(config, owner && { owner }) }
}
