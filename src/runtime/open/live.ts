import type { Engine } from '../../engine/engine.ts'
import type { OpenPorts } from './create-ports.ts'

/**
 * The parts of a runtime that come alive after the actors whose effects use them. `compose` fills it in before the
 * first turn, so an effect finds it whole.
 */
export type Live = { engine: Engine; ports: OpenPorts }
