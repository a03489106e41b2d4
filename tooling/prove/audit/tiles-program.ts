import { createFolderTiles, loadMerkleTree } from "@aegis/event-log/merkle"
import { leavesOf } from "./all-proofs.ts"

// Appends to a folder's tree until it is killed, and says each size that is kept.

const [folder = "", most = "", batch = ""] = process.argv.slice(2)
const leaves = leavesOf(Number(most))
const tree = await loadMerkleTree(createFolderTiles(folder))
while (tree.size < leaves.length) {
  await tree.append(leaves.slice(tree.size, tree.size + Number(batch)))
  console.log(tree.size)
}
