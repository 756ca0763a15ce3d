# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   # ruff: noqa: D100, N816 - a notebook has no docstring, and the handout's own names
# ---

# %% [markdown]
# # Laboration: 2D CNNs for image classification
# The functions of each part are handed in beside this notebook: `convolutions.py`, `data.py`, `utilities.py`.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import scipy
from convolutions import SOBEL_X, SOBEL_Y, gaussian_kernel
from data import CLASSES, load, one_hot, preprocess, split
from scipy.signal import convolve2d
from utilities import build_CNN

# %% [markdown]
# # Part 1: Convolutions
# ## 1.1 Smoothing and edge detection with `convolve2d`

# %%
image = scipy.datasets.ascent()

gaussFilter = gaussian_kernel(size=15, sigma=4.0)
sobelX = SOBEL_X
sobelY = SOBEL_Y

# %%
filterResponseGauss = convolve2d(image, gaussFilter, mode="valid")
filterResponseSobelX = convolve2d(image, sobelX, mode="valid")
filterResponseSobelY = convolve2d(image, sobelY, mode="valid")

# %%
panels = {
    "image": image,
    "Gaussian": filterResponseGauss,
    "Sobel X": filterResponseSobelX,
    "Sobel Y": filterResponseSobelY,
}
fig, axes = plt.subplots(1, len(panels), figsize=(16, 4))
for ax, (title, picture) in zip(axes, panels.items(), strict=True):
    ax.imshow(picture, cmap="gray")
    ax.set_title(f"{title} {picture.shape}")
    ax.axis("off")
plt.show()

# %% [markdown]
# ## 1.2 Understanding convolutions
#
# **Question 1:** What do the three filters do?
#
# **Answer:** The Gaussian filter blurs the image: it is a low-pass filter that averages each pixel with its
# neighbours. Sobel X responds to intensity changes along x, that is, to vertical edges. Sobel Y responds to
# changes along y, that is, to horizontal edges.
#
# **Question 2:** What is the size of the original image, and how many channels does it have? How many does a
# colour image have?
#
# **Answer:** 512 × 512 pixels and 1 channel. A colour image has 3 channels (red, green, blue).
#
# **Question 3:** What is the size of the filters?
#
# **Answer:** The Gaussian filter is 15 × 15; Sobel X and Sobel Y are 3 × 3.
#
# **Question 4:** What is the size of the filter response with mode 'same'?
#
# **Answer:** The same as the image, 512 × 512, whatever the filter.
#
# **Question 5:** What is the size with mode 'valid', and how does it depend on the size of the filter?
#
# **Answer:** For an image of n and a filter of m pixels it is n − m + 1 each way, since the filter must lie
# wholly inside the image: 498 × 498 for the Gaussian and 510 × 510 for the Sobel filters.
#
# **Question 6:** Why are 'valid' convolutions a problem for CNNs with many layers?
#
# **Answer:** Every layer shrinks the map by m − 1 pixels each way, so a deep network runs out of pixels, and
# what is near the border is lost first.

# %% [markdown]
# # Part 2: The graphics card
# ## 2.1 Which device is used?

# %%
devices = keras.distribution.list_devices()
print("Devices:", devices)
print("Training on the", "graphics card" if any("gpu" in name.lower() for name in devices) else "CPU")

# %% [markdown]
# **Question 7:** Why are the filters 7 × 7 × 3 for a colour image?
#
# **Answer:** A filter has one 7 × 7 slice for each of the 3 input channels; the three results are summed.
#
# **Question 8:** Is `Conv2D` a standard 2D convolution?
#
# **Answer:** No. It sums over all input channels, adds a bias and does not flip the kernel (a
# cross-correlation), it applies many filters, which are learned, and it may use a stride.
#
# **Question 9:** How many CUDA cores does an RTX 3090 have?
#
# **Answer:** 10,496.
#
# **Question 10:** How much memory does it have?
#
# **Answer:** 24 GB.
#
# **Question 11:** What is stored in the GPU's memory during training?
#
# **Answer:** The weights, their gradients, the optimiser's state, the current batch and all activations.
#
# **Question 12:** Is the GPU equally much faster than the CPU for 1,000 images as for 3?
#
# **Answer:** No. For 3 images most cores idle and the overhead of copying data and starting kernels
# dominates; the speed-up grows with the size of the batch.

# %% [markdown]
# # Part 3: The data
# ## 3.1 Load CIFAR-10

# %%
cifar10 = load()
X, Y, Xtest, Ytest = cifar10.X, cifar10.Y, cifar10.Xtest, cifar10.Ytest

for label, name in enumerate(CLASSES):
    print(f"{name}: {np.sum(label == Y)} training images")

# %%
fig, axes = plt.subplots(3, 6, figsize=(9, 5))
for ax, picture, label in zip(axes.flat, X, Y[:, 0], strict=False):
    ax.imshow(picture)
    ax.set_title(CLASSES[label])
    ax.axis("off")
plt.show()

# %% [markdown]
# ## 3.2 Split into training, validation and test data

# %%
parts = split(X, Y, test_size=0.25)
Xtrain, Xval, Ytrain, Yval = parts.Xtrain, parts.Xval, parts.Ytrain, parts.Yval

# %% [markdown]
# ## 3.3 Preprocess the images

# %%
Xtrain = preprocess(Xtrain)
Xval = preprocess(Xval)
Xtest = preprocess(Xtest)

# %% [markdown]
# ## 3.4 Preprocess the labels

# %%
Ytrain = one_hot(Ytrain)
Yval = one_hot(Yval)
Ytest = one_hot(Ytest)
print(Xtrain.shape, Ytrain.shape, Xval.shape, Yval.shape, Xtest.shape, Ytest.shape)

# %% [markdown]
# # Part 4: 2D CNNs
# ## 4.1 Build the network
# `build_CNN` lies in `utilities.py`.

# %% [markdown]
# ## 4.2 Train a network with 2 convolutional layers and no dense layer

# %%
batch_size = 20
epochs = 20
input_shape = Xtrain.shape[1:]

model1 = build_CNN(
    input_shape,
    loss="categorical_crossentropy",
    n_conv_layers=2,
    n_filters=16,
    n_dense_layers=0,
    learning_rate=0.01,
    print_summary=True,
)
history1 = model1.fit(
    Xtrain,
    Ytrain,
    validation_data=(Xval, Yval),
    batch_size=batch_size,
    epochs=epochs,
    verbose=2,
)

# %%
score = model1.evaluate(Xtest, Ytest, batch_size=batch_size, verbose=0)
print(f"Test loss: {score[0]:.4f}")
print(f"Test accuracy: {score[1]:.4f}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(12, 4))
for ax, quantity in zip(axes, ("loss", "accuracy"), strict=True):
    ax.plot(history1.history[quantity], label="training")
    ax.plot(history1.history[f"val_{quantity}"], label="validation")
    ax.set_xlabel("epoch")
    ax.set_ylabel(quantity)
    ax.legend()
plt.show()
