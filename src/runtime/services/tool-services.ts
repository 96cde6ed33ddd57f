import type { Config } from '../../config/config.ts'
import { NotFoundError } from '../../errors.ts'
import type { Sandboxes } from '../../sandbox/choose.ts'
import type { SandboxProvider } from '../../sandbox/sandbox.ts'
import { SECRET_SCHEME } from '../../secret/names.ts'
import type { ToolSecrets } from '../../tool/secrets.ts'
import type { ToolServices } from '../../tool/services.ts'
import type { Web } from '../../web/request.ts'

/** The services of tools, and the end of what they opened. */
export type RuntimeToolServices = ToolServices & { close(): Promise<void> }

type ReachConfig = Pick<Config, 'web' | 'sandbox' | 'search'>

/** Services as the configuration describes them. Nothing is loaded or opened before a tool asks for it. */
export function createToolServices(
  { web: settings, sandbox, search }: ReachConfig,
  secrets: Pick<ToolSecrets, 'get'>,
  providers: readonly SandboxProvider[] = [],
): RuntimeToolServices {
  let web: Promise<Web> | undefined
  let sandboxes: Promise<Sandboxes> | undefined
  const key = search?.key
  return {
    web() {
      web ??= import('../../web/request.ts').then(({ createWeb }) => createWeb(settings))
      return web
    },
    sandboxes() {
      sandboxes ??= import('../../sandbox/choose.ts').then(({ createSandboxes }) => createSandboxes(sandbox, providers))
      return sandboxes
    },
    ...(search && {
      search: {
        backend: search.backend,
        ...(search.url !== undefined && { url: search.url }),
        ...(key !== undefined && { key: () => secretOf(key, secrets) }),
      },
    }),
    async close() {
      await (await web)?.close()
    },
  }
}

async function secretOf(reference: string, secrets: Pick<ToolSecrets, 'get'>): Promise<string> {
  const name = reference.slice(SECRET_SCHEME.length)
  const value = await secrets.get(name)
  if (value !== undefined) return value
  throw new NotFoundError(`there is no secret ${name}, which \`search:\` in antiphon.yaml names`, {
    code: 'secret_missing',
    hint: `keep it: antiphon keys set ${name}`,
  })
}
