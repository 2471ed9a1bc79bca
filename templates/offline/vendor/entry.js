// What the page takes of other people's code: `python -m ops.build.offline_vendor` bundles it.
export {ed25519, x25519} from '@noble/curves/ed25519.js';
export {sha3_256, shake256} from '@noble/hashes/sha3.js';
export {ml_kem768} from '@noble/post-quantum/ml-kem.js';
export {default as encodeQR} from 'qr';
