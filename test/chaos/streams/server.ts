// A server over a data folder, to be killed; on Restate a node with a server of its own.
import { loadConfig } from '../../../src/config/config.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { serve } from '../../../src/http/server/serve.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { awaitLife } from '../../../trials/index.ts'

export type Settings = { readonly folder: string; readonly port: number }

const { settings, begin } = await awaitLife<Settings>()
const config = await loadConfig({ folder: settings.folder, environment: {} })
const runtime = await createRuntime({ ...config, embedder: 'none' })
await serve(createApp(runtime), { host: '127.0.0.1', port: settings.port })
await runtime.engine.start()
begin()
