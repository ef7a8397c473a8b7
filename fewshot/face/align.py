"""A face and its five landmarks -> the same face upright, at one place and size.

There is one way from a frame to a crop, for reference photos and live frames alike. The images that the encoder learns from
are aligned already, apart from what its augmentation adds.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from fewshot.face.images import expect_bgr, expect_gray, to_gray
from fewshot.types import CROP_SIZE, Crop, Face, Float32, UInt8

MEAN_FACE_XY: Float32 = np.array(
    [[0.309, 0.391], [0.694, 0.391], [0.501, 0.604], [0.355, 0.765], [0.656, 0.763]], np.float32
)
"""(5, 2) Median landmarks of 497 images of FER2013, by SCRFD, in units of the crop: eyes, nose, mouth corners."""

ARCFACE_XY: Float32 = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""(5, 2) Where ArcFace and SFace expect the landmarks, in pixels of their 112 x 112 crop (InsightFace's ``arcface_dst``)."""

IDENTITY_SIZE = 112
"""Side of an identity crop in pixels."""

MAX_OVERSAMPLING = 16
"""Bounds the work on one crop; a face 16 times as large as its crop reaches it."""


def align(frame_bgr: UInt8, face: Face) -> Crop:
    """Return ``face`` brought onto FER2013's mean landmarks by one similarity transform, for the emotion encoder.

    Args:
        frame_bgr: (h, w, 3) uint8, the frame in which ``face`` was found.
        face: Only its landmarks are used, not its box.

    Raises:
        ValueError: ``frame_bgr`` is no uint8 color image, or all landmarks coincide.
    """
    expect_bgr("frame_bgr", frame_bgr)
    return align_all(to_gray(frame_bgr), [face])[0]


def align_all(frame_gray: UInt8, faces: Sequence[Face]) -> tuple[Crop, ...]:
    """Return the crop of every face of a frame that is gray already, in the order given.

    Pixels outside the frame repeat its border. Pure; threads may share everything.

    Args:
        frame_gray: (h, w) uint8 by :func:`~fewshot.face.images.to_gray`, the frame in which all faces were found.
        faces: Only their landmarks are used.

    Raises:
        ValueError: ``frame_gray`` is no uint8 gray image, or all landmarks of a face coincide.
    """
    expect_gray("frame_gray", frame_gray)
    if not faces:
        return ()
    matrices = fit_similarity(np.stack([face.landmarks_xy for face in faces]), MEAN_FACE_XY * CROP_SIZE)
    crops = warp_all(frame_gray, matrices, CROP_SIZE)
    return tuple(Crop(crop, face) for face, crop in zip(faces, crops, strict=True))


def align_identity(frame_bgr: UInt8, face: Face) -> UInt8:
    """Return ``face`` brought onto ArcFace's template, (112, 112, 3) uint8 BGR, for an identity model.

    The geometry is that of ``insightface.utils.face_align.norm_crop``, which takes a second to import; unlike there,
    large faces are averaged down instead of sampled. Raises as :func:`align` does.
    """
    expect_bgr("frame_bgr", frame_bgr)
    matrix = fit_similarity(face.landmarks_xy, ARCFACE_XY)
    return warp_all(frame_bgr, matrix[None], IDENTITY_SIZE, cv2.BORDER_CONSTANT)[0]


def fit_similarity(source_xy: Float32, target_xy: Float32, weights: Float32 | None = None) -> Float32:
    """Return the rotation, scale and shift, (..., 2, 3) float32, that bring ``source_xy`` closest to ``target_xy``.

    The least-squares solution (Umeyama 1991), which in the plane and without reflection is one complex regression:
    with both point sets centered, ``scale * exp(i * angle) = sum(conj(source) * target) / sum(|source|^2)``.

    Args:
        source_xy: (..., n, 2) points, n >= 2; one transform for each set of n.
        target_xy: (..., n, 2) where they should end up.
        weights: (..., n) >= 0, how much each point counts; equally if left out.

    Raises:
        ValueError: all points of one set coincide.
    """
    source, target = (_as_complex(points) for points in (source_xy, target_xy))
    shares = np.ones(source.shape) if weights is None else weights.astype(np.float64)
    shares = shares / shares.sum(axis=-1, keepdims=True)
    source_center, target_center = ((shares * points).sum(axis=-1, keepdims=True) for points in (source, target))
    spread = (shares * np.abs(source - source_center) ** 2).sum(axis=-1)
    if (spread < 1e-12).any():
        raise ValueError(f"landmarks must be distinct points to align a face, got {source_xy.tolist()}")
    turn = (shares * np.conj(source - source_center) * (target - target_center)).sum(axis=-1) / spread
    shift = target_center[..., 0] - turn * source_center[..., 0]
    rows = [[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2).astype(np.float32)


def _as_complex(points_xy: Float32) -> npt.NDArray[np.complex128]:
    return np.ascontiguousarray(points_xy, np.float64).view(np.complex128)[..., 0]


def warp_all(image: UInt8, matrices: Float32, size: int, border: int = cv2.BORDER_REPLICATE) -> UInt8:
    """Return the crops of ``image`` under n similarities (n, 2, 3), without aliasing; (n, size, size) and its channels.

    Where a crop is smaller than its source, it is sampled at a multiple of its size and averaged down: a face of
    500 px loses detail, not every tenth pixel.
    """
    shrinks = 1.0 / np.maximum(np.hypot(matrices[:, 0, 0], matrices[:, 1, 0]), 1e-6)
    samples = np.clip(np.round(shrinks), 1, MAX_OVERSAMPLING).astype(np.int64)
    dense = matrices.astype(np.float64) * samples[:, None, None]
    dense[:, :, 2] += (samples[:, None] - 1) / 2  # the center of a pixel lies in the middle of its samples
    crops = np.empty((len(matrices), size, size, *image.shape[2:]), np.uint8)
    for sampling in np.unique(samples).tolist():
        mine, side = np.flatnonzero(samples == sampling), size * sampling
        sampled = np.empty((len(mine), side, side, *image.shape[2:]), np.uint8)
        for crop, matrix in zip(sampled, dense[mine], strict=True):
            cv2.warpAffine(image, matrix, (side, side), crop, flags=cv2.INTER_LINEAR, borderMode=border)
        # stacked, they are averaged in one call; no sample counts for two crops
        strip = cv2.resize(
            sampled.reshape(-1, *sampled.shape[2:]), (size, size * len(mine)), interpolation=cv2.INTER_AREA
        )
        crops[mine] = strip.reshape(len(mine), *crops.shape[1:])
    return crops
