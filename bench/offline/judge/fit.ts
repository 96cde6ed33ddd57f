/** An example: its features, and whether it is of the class. */
export type Example = { readonly features: readonly number[]; readonly is: boolean }

/** Fitted numbers: the mean and the deviation of each feature, its weight, and the bias. */
export type Fitted = {
  readonly means: readonly number[]
  readonly deviations: readonly number[]
  readonly weights: readonly number[]
  readonly bias: number
}

const STEPS = 600
const RATE = 0.5
const MOMENTUM = 0.9
/** The weight of the square of the weights: features that say the same share it. */
const RIDGE = 0.003

/** Logistic regression by gradient descent. The same examples give the same numbers. */
export function fitWeights(examples: readonly Example[]): Fitted {
  const width = examples[0]!.features.length
  const columns = Array.from({ length: width }, (_, at) => examples.map(({ features }) => features[at]!))
  const means = columns.map(meanOf)
  const deviations = columns.map((column, at) => Math.sqrt(meanOf(column.map((one) => (one - means[at]!) ** 2))) || 1)
  const scaled = examples.map(({ features, is }) => ({ x: scale(features, { means, deviations }), y: Number(is) }))
  let bias = 0
  const weights = new Float64Array(width)
  const speeds = new Float64Array(width + 1)
  for (let step = 0; step < STEPS; step++) {
    const slopes = new Float64Array(width + 1)
    for (const { x, y } of scaled) {
      const error = logistic(bias + dot(weights, x)) - y
      for (let at = 0; at < width; at++) slopes[at]! += error * x[at]!
      slopes[width]! += error
    }
    for (let at = 0; at <= width; at++) {
      const ridge = at < width ? RIDGE * weights[at]! : 0
      speeds[at] =
        MOMENTUM * speeds[at]! - (RATE * (1 - MOMENTUM) * slopes[at]!) / scaled.length - RATE * (1 - MOMENTUM) * ridge
      if (at < width) weights[at]! += speeds[at]!
      else bias += speeds[at]!
    }
  }
  return { means, deviations, weights: [...weights], bias }
}

/** How likely an example is of the class, 0 to 1. */
export const judge = (features: readonly number[], fitted: Fitted): number =>
  logistic(fitted.bias + dot(fitted.weights, scale(features, fitted)))

const scale = (features: readonly number[], { means, deviations }: Pick<Fitted, 'means' | 'deviations'>) =>
  features.map((one, at) => (one - means[at]!) / deviations[at]!)

const dot = (one: ArrayLike<number>, other: readonly number[]) =>
  other.reduce((sum, value, at) => sum + value * one[at]!, 0)

const logistic = (value: number) => 1 / (1 + Math.exp(-value))

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
