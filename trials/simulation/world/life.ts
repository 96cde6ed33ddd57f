/** One process of a trial: from the opening of its engine to the crash or stop that ends it. */
export type EngineLife = {
  readonly number: number
  alive: boolean
  /** resolves when the life has ended */
  readonly ended: Promise<void>
  end(): void
}

export function createEngineLife(number: number): EngineLife {
  const { promise, resolve } = Promise.withResolvers<void>()
  const life: EngineLife = {
    number,
    alive: true,
    ended: promise,
    end() {
      life.alive = false
      resolve()
    },
  }
  return life
}
