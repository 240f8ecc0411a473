export interface Tensor {
  shape: readonly number[]
}
