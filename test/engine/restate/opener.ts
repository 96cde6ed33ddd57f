import { randomBytes } from 'node:crypto'
import { restateEngine } from '../../../src/engine/restate/engine.ts'
import { findPorts } from '../../../src/engine/restate/server/ports.ts'
import type { RestateServer } from '../../../src/engine/restate/server/server.ts'
import type { Actor } from '../../../src/kernel/types.ts'
import type { EngineUnderTest, OpenEngine } from '../../../src/testing/openers/opened.ts'

/**
 * Opens engines on a Restate server that it starts, each with its own
 * namespace and address. A crash breaks all connections of the node.
 */
export function restateOpener(server: () => RestateServer): OpenEngine {
  return async (actors) => {
    const namespace = `t${randomBytes(6).toString('hex')}`
    const [port] = await findPorts(1)
    return openNode(server(), { namespace, port: port!, actors, release: 1 })
  }
}

type RestateNode = {
  readonly namespace: string
  readonly port: number
  readonly actors: readonly Actor[]
  readonly release: number
}

function openNode({ ingress, admin }: RestateServer, place: RestateNode): EngineUnderTest {
  const { namespace, port, actors, release } = place
  const served = [...actors]
  const engine = restateEngine({
    ingress,
    admin,
    namespace,
    port,
    actors: served,
    release: `${namespace}-${release}`,
    eager: true,
  })
  // other code is another release; the same code continues where it was
  const again = () => {
    const isSame = served.length === actors.length && served.every((actor, index) => actor === actors[index])
    return openNode({ ingress, admin } as RestateServer, { ...place, release: isSame ? release : release + 1 })
  }
  return {
    engine,
    remote: true,
    async reopen() {
      await engine.stop()
      return again()
    },
    async crash() {
      await engine.stop({ grace: 0 })
      return again()
    },
    close: () => engine.stop({ grace: 0 }),
  }
}
