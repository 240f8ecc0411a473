/** Git LFS leaves a small text in a file's place where the file itself was not fetched. */

const FIRST_LINE = 'version https://git-lfs.github.com/spec/'

export const isLfsPointer = (start: Uint8Array | string): boolean =>
  (typeof start === 'string'
    ? start
    : String.fromCharCode(...start.subarray(0, FIRST_LINE.length))
  ).startsWith(FIRST_LINE)

export const LFS_POINTER = {
  message: 'a Git LFS pointer stands in place of the file.',
  remedy: 'Fetch the file itself: git lfs pull, or r1 pull for a model.',
} as const
