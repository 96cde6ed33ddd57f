import { onTestFinished } from 'vitest'
import { createSandboxes, type SandboxSettings } from '../../src/sandbox/choose.ts'
import type { ToolServices } from '../../src/tool/services.ts'
import type { WebSettings } from '../../src/web/policy.ts'
import { createWeb } from '../../src/web/request.ts'

/** Services as a runtime gives them to tools, for one test. */
export function services(
  settings: {
    readonly web?: WebSettings
    readonly sandbox?: SandboxSettings
    readonly search?: ToolServices['search']
  } = {},
): ToolServices {
  const web = createWeb(settings.web)
  onTestFinished(() => web.close())
  return {
    web: async () => web,
    sandboxes: async () => createSandboxes(settings.sandbox),
    ...(settings.search && { search: settings.search }),
  }
}
