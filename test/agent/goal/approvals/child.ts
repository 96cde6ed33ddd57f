// a process with a goal whose call waits for a person: then it ends by SIGKILL
import { loadConfig } from '../../../../src/config/config.ts'
import { createRuntime } from '../../../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../../../src/testing/scripted-model.ts'
import { CLERK } from '../folder.ts'
import { GOAL, SCRIPT } from './script.ts'

const { folder } = JSON.parse(process.argv[2]!) as { readonly folder: string }
const config = await loadConfig({ folder, environment: {} })
const runtime = await createRuntime(
  { ...config, embedder: 'none' },
  { models: { 'lab/one': scriptedModel(SCRIPT, 'lab/one') } },
)
await runtime.goals.start({ agent: CLERK, goal: 'Append.', id: GOAL })
await runtime.idle()
process.kill(process.pid, 'SIGKILL')
