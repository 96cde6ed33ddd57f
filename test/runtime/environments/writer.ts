import { createRuntime, loadConfig } from '../../../src/index.ts'

// updates an environment until it is killed, and prints each acknowledged version
const config = await loadConfig({ folder: process.argv[2]!, environment: {} })
const runtime = await createRuntime({ ...config, embedder: 'none' })
for (let count = 1; ; count++) {
  const { version } = await runtime.environments.update('shop', { count })
  console.log(version)
}
