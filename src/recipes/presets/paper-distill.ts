/** The paper's six students with their learning rates (R1 v2 SB.4.3, Table 6). Their folders are yours to download (`r1 pull`). */
const student = (name: string, folder: string, learningRate: number) => ({
  name,
  model: `models/${folder}`,
  sft: { learningRate },
})

export const paperDistill = {
  students: [
    student('qwen-1.5b', 'Qwen2.5-Math-1.5B', 1e-4),
    student('qwen-7b', 'Qwen2.5-Math-7B', 8e-5),
    student('qwen-14b', 'Qwen2.5-14B', 7e-5),
    student('qwen-32b', 'Qwen2.5-32B', 6e-5),
    student('llama-8b', 'Llama-3.1-8B', 5e-5),
    student('llama-70b', 'Llama-3.3-70B-Instruct', 2e-5),
  ],
}
