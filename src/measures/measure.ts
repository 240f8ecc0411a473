/** What every figure has besides its value. */
export type Unit =
  | 'share'
  | 'score'
  | 'words'
  | 'tokens'
  | 'tokens/s'
  | 'nats'
  | 'seconds'
  | 'bytes'
  | 'count'
  | 'number'

export interface Measure {
  label: string
  /** In a narrow column; the label where it is left out. */
  short?: string
  unit: Unit
  /** Left out where neither is better by itself. */
  better?: 'higher' | 'lower'
  explanation: string
}
