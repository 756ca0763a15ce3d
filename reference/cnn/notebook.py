# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   # ruff: noqa: D100, E402, I001, N816 - a notebook has no docstring, imports where it needs them, and
#   # has the handout's own names
# ---

# %% [markdown]
# # Laboration: 2D CNNs for image classification
# You filter an image by 2D convolution, then train 2D CNNs (convolutional neural networks) on CIFAR-10:
# colour images of 32 × 32 pixels in ten classes.

# %% [markdown] tags=["handout"]
# Each `...` under "Write your code here" is yours to replace; `build_CNN` is to be written in
# `utilities.py`, which lies beside this notebook. Answer each question where it says "[Your answer here]".
# Keep the names of variables that the text gives: later cells use them, and the grader looks for them. Run
# the notebook from top to bottom before you hand it in together with `utilities.py`.

# %% [markdown] tags=["solution"]
# The functions of each part lie in modules beside this notebook; `build_CNN` lies in `utilities.py`.

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import scipy
from scipy.signal import convolve2d

# %% [markdown]
# # Part 1: Convolutions
# ## 1.1 Smoothing and edge detection with `convolve2d`
# Three filters are given: a Gaussian of 15 × 15 pixels with σ = 4, and two Sobel filters of 3 × 3 pixels.

# %% tags=["given"]
from convolutions import SOBEL_X, SOBEL_Y, gaussian_kernel

# %%
image = scipy.datasets.ascent()

gaussFilter = gaussian_kernel(size=15, sigma=4.0)
sobelX = SOBEL_X
sobelY = SOBEL_Y

# %% [markdown]
# Convolve the image with each filter into `filterResponseGauss`, `filterResponseSobelX` and
# `filterResponseSobelY`. Any mode of the convolution is right.

# %%
# BEGIN SOLUTION
filterResponseGauss = convolve2d(image, gaussFilter, mode="valid")
filterResponseSobelX = convolve2d(image, sobelX, mode="valid")
filterResponseSobelY = convolve2d(image, sobelY, mode="valid")
# END SOLUTION

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

# %% [markdown]
# **Question 1:** What do the three filters do?
#
# **Answer:** The Gaussian filter blurs the image: it is a low-pass filter that averages each pixel with its
# neighbours. Sobel X responds to intensity changes along x, that is, to vertical edges. Sobel Y responds to
# changes along y, that is, to horizontal edges.

# %% [markdown]
# **Question 2:** What is the size of the original image, and how many channels does it have? How many does
# a colour image have?
#
# **Answer:** 512 × 512 pixels and 1 channel. A colour image has 3 channels (red, green, blue).

# %% [markdown]
# **Question 3:** What is the size of the filters?
#
# **Answer:** The Gaussian filter is 15 × 15; Sobel X and Sobel Y are 3 × 3.

# %% [markdown]
# **Question 4:** What is the size of the filter response with mode 'same'?
#
# **Answer:** The same as the image, 512 × 512, whatever the filter.

# %% [markdown]
# **Question 5:** What is the size with mode 'valid', and how does it depend on the size of the filter?
#
# **Answer:** For an image of n and a filter of m pixels it is n − m + 1 each way, since the filter must lie
# wholly inside the image: 498 × 498 for the Gaussian and 510 × 510 for the Sobel filters.

# %% [markdown]
# **Question 6:** Why are 'valid' convolutions a problem for CNNs with many layers?
#
# **Answer:** Every layer shrinks the map by m − 1 pixels each way, so a deep network runs out of pixels,
# and what is near the border is lost first.

# %% [markdown]
# # Part 2: The graphics card
# ## 2.1 Which device is used?

# %% tags=["given"]
from device import list_devices, report

# %%
print(report(list_devices()))

# %% [markdown]
# **Question 7:** The filters of a network's first layer may be 7 × 7 pixels. Why are they 7 × 7 × 3 for a
# colour image?
#
# **Answer:** A filter has one 7 × 7 slice for each of the 3 input channels; the three results are summed.

# %% [markdown]
# **Question 8:** Is `Conv2D` a standard 2D convolution?
#
# **Answer:** No. It sums over all input channels, adds a bias and does not flip the kernel (a
# cross-correlation), it applies many filters, which are learned, and it may use a stride.

# %% [markdown]
# **Question 9:** How many CUDA cores does an RTX 3090 have?
#
# **Answer:** 10,496.

# %% [markdown]
# **Question 10:** How much memory does an RTX 3090 have?
#
# **Answer:** 24 GB.

# %% [markdown]
# **Question 11:** What is stored in the graphics card's memory during training?
#
# **Answer:** The weights, their gradients, the optimiser's state, the current batch and all activations.

# %% [markdown]
# **Question 12:** Is the graphics card as much faster than the CPU for 3 images as for 1,000?
#
# **Answer:** No. For 3 images most cores idle and the overhead of copying data and starting kernels
# dominates; the speed-up grows with the size of the batch.

# %% [markdown]
# # Part 3: The data
# ## 3.1 Load CIFAR-10
# The lab uses the first 10,000 training images and the first 2,000 test images.

# %% tags=["given"]
from data import CLASSES, load, preprocess

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
# Set 25 % of `X` and `Y` aside for validation, drawn at random, with scikit-learn's `train_test_split`.
# Call the parts `Xtrain`, `Xval`, `Ytrain` and `Yval`. The test images stay as they are.

# %%
# BEGIN SOLUTION
from data import split

parts = split(X, Y, test_size=0.25)
Xtrain, Xval, Ytrain, Yval = parts.Xtrain, parts.Xval, parts.Ytrain, parts.Yval
# END SOLUTION

# %% [markdown]
# ## 3.3 Preprocess the images
# `preprocess` scales images from 0–255 to [−1, 1]. It is applied once to each of the three sets.

# %%
Xtrain = preprocess(Xtrain)
Xval = preprocess(Xval)
Xtest = preprocess(Xtest)

# %% [markdown]
# ## 3.4 Preprocess the labels
# Turn the labels of all three sets into one-hot rows of 10 columns, under the names that they have:
# `Ytrain`, `Yval` and `Ytest`. Keras has `keras.utils.to_categorical`.

# %%
# BEGIN SOLUTION
from data import one_hot

Ytrain = one_hot(Ytrain)
Yval = one_hot(Yval)
Ytest = one_hot(Ytest)
# END SOLUTION

# %%
print(Xtrain.shape, Ytrain.shape, Xval.shape, Yval.shape, Xtest.shape, Ytest.shape)

# %% [markdown]
# # Part 4: 2D CNNs
# ## 4.1 Build the network
# `build_CNN` in `utilities.py` builds and compiles a network:
#
# - for each convolutional layer: `Conv2D` with filters of 3 × 3 and padding 'same', `BatchNormalization`, and
#   `MaxPooling2D` of 2 × 2. The number of filters doubles from layer to layer.
# - `Flatten`, then for each intermediate dense layer: `Dense` with the activation given, `BatchNormalization`
#   and, with `use_dropout`, `Dropout` of 0.5. Dropout belongs to these layers only.
# - last, `Dense` with one node per class and softmax.
#
# It is compiled with the loss for several classes, categorical cross-entropy, and with Adam; both are
# arguments. With 4 convolutional layers of 16 filters and 1 dense layer of 50 nodes the network has 124,760
# parameters.

# %%
from utilities import build_CNN

# %% [markdown]
# ## 4.2 Train a network with 2 convolutional layers and no dense layer
# 16 filters, batches of 20 images, 20 epochs, learning rate 0.01. Build `model1`, train it into `history1`,
# with the validation images for validation, and evaluate it on the test images into `score`.

# %% tags=["given"]
from training import plot_results

# %%
batch_size = 20
epochs = 20
learning_rate = 0.01
input_shape = Xtrain.shape[1:]
loss = "categorical_crossentropy"


def print_score(score):  # noqa: ANN001, ANN201, D103 - students' own code has neither
    print(f"Test loss: {score[0]:.4f}")
    print(f"Test accuracy: {score[1]:.4f}")


# %%
# BEGIN SOLUTION
model1 = build_CNN(
    input_shape, loss, n_conv_layers=2, n_filters=16, learning_rate=learning_rate, print_summary=True
)
history1 = model1.fit(
    Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2
)
# END SOLUTION

# %%
# BEGIN SOLUTION
score = model1.evaluate(Xtest, Ytest, batch_size=batch_size, verbose=0)
# END SOLUTION
print_score(score)

# %%
plot_results(history1)
plt.show()

# %% [markdown]
# **Question 13:** How large is the gap between training and test accuracy, in your own numbers? What does
# it show?
#
# **Answer:** A real run reached 0.93 on the training images and 0.52 on the test images, a gap of 0.41. It
# shows overfitting: the network has learned the training images by heart. (The numbers to give are those
# that the cells above print.)

# %% [markdown]
# **Question 14:** Why are the batches smaller than the 10,000 examples of the previous lab?
#
# **Answer:** Images and their activations need far more memory than a few numbers per example. There are
# also few images, so small batches give more updates of the weights per epoch.

# %% [markdown]
# ## 4.3 Intermediate dense layers
# (a) Add 1 dense layer of 50 nodes to the network of 4.2 (`model1b`). (b) Use 4 convolutional layers and 1
# dense layer of 50 nodes (`model2`). Train and evaluate both as before.

# %%
# BEGIN SOLUTION
model1b = build_CNN(input_shape, loss, n_conv_layers=2, n_dense_layers=1, learning_rate=learning_rate)
history1b = model1b.fit(
    Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2
)
score1b = model1b.evaluate(Xtest, Ytest, batch_size=batch_size, verbose=0)
# END SOLUTION
print_score(score1b)
plot_results(history1b)
plt.show()

# %%
# BEGIN SOLUTION
model2 = build_CNN(input_shape, loss, n_conv_layers=4, n_dense_layers=1, learning_rate=learning_rate)
history2 = model2.fit(
    Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2
)
score2 = model2.evaluate(Xtest, Ytest, batch_size=batch_size, verbose=0)
# END SOLUTION
print_score(score2)
plot_results(history2)
plt.show()

# %% [markdown]
# ## 4.4 The architecture

# %%
model2.summary()

# %% [markdown]
# **Question 15:** How many trainable parameters does the network of 4.3b have? Which layer has most of
# them?
#
# **Answer:** 124,180 of its 124,760. The last convolutional layer has most, 73,856.

# %% [markdown]
# **Question 16:** What are the input and the output of `Conv2D`: how many dimensions, and what does each
# mean?
#
# **Answer:** Both have 4 dimensions: (batch, height, width, channels) goes in, and with padding 'same'
# (batch, height, width, filters) comes out.

# %% [markdown]
# **Question 17:** Is the batch always the first dimension?
#
# **Answer:** Yes, in both data formats: channels_last is (batch, height, width, channels) and
# channels_first is (batch, channels, height, width).

# %% [markdown]
# **Question 18:** A layer of 128 filters is applied to 32 channels. How many channels come out?
#
# **Answer:** 128, one per filter.

# %% [markdown]
# **Question 19:** Why is the number of parameters of a layer not the number of filters times the
# coefficients of a 2D filter?
#
# **Answer:** Each filter spans all input channels, and has a bias: 3 · 3 · c_in · c_out + c_out.

# %% [markdown]
# **Question 20:** How does `MaxPooling2D` reduce the number of parameters?
#
# **Answer:** It has none itself and does not change those of the convolutional layers. It shrinks the map,
# so the flattened vector is shorter and the first dense layer has fewer weights.

# %% [markdown]
# ## 4.5 Dropout
# Train the network of 4.3b with dropout of 0.5 in its dense layer (`model3`).

# %%
# BEGIN SOLUTION
model3 = build_CNN(
    input_shape, loss, n_conv_layers=4, n_dense_layers=1, use_dropout=True, learning_rate=learning_rate
)
history3 = model3.fit(
    Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2
)
score3 = model3.evaluate(Xtest, Ytest, batch_size=batch_size, verbose=0)
# END SOLUTION
print_score(score3)
plot_results(history3)
plt.show()

# %% [markdown]
# **Question 21:** How much does the test accuracy improve with dropout, in your own numbers?
#
# **Answer:** In a real run from 0.5240 to 0.5615, by 3.75 percentage points. (The numbers to give are those
# that the cells above print; that it became worse is a right answer if they say so.)

# %% [markdown]
# **Question 22:** What other regularisation is there? How is it added to `Conv2D`?
#
# **Answer:** L1 and L2 penalties on the weights, early stopping, augmentation, batch normalisation. L2 is
# added with `Conv2D(…, kernel_regularizer=keras.regularizers.l2(0.01))`.

# %% [markdown]
# ## 4.6 The best configuration
# Find settings that give a better test accuracy (`model4`). Choose them by the validation accuracy.

# %%
# BEGIN SOLUTION
model4 = build_CNN(
    input_shape, loss, n_conv_layers=2, n_dense_layers=1, n_nodes=32, use_dropout=True,
    learning_rate=learning_rate,
)  # fmt: skip
history4 = model4.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=128, epochs=epochs, verbose=2)
score4 = model4.evaluate(Xtest, Ytest, batch_size=batch_size, verbose=0)
# END SOLUTION
print_score(score4)
plot_results(history4)
plt.show()

# %% [markdown]
# **Question 23:** What is the best test accuracy, and which configuration gave it?
#
# **Answer:** In a real run 0.5795, with 2 convolutional layers, 16 filters, 1 dense layer of 32 nodes,
# dropout, and batches of 128. (The number to give is the one that the cell above prints.)

# %% [markdown]
# # Part 5: Generalisation
# ## 5.0 Rotated images
# `myrotate` turns every image by 90°. Evaluate `model4` on the turned test images, `Xtest_rotated`, into
# `score_rotated`.

# %% tags=["given"]
from rotation import myrotate

# %%
Xtest_rotated = myrotate(Xtest)

# %%
# BEGIN SOLUTION
score_rotated = model4.evaluate(Xtest_rotated, Ytest, batch_size=batch_size, verbose=0)
# END SOLUTION
print_score(score_rotated)

# %% [markdown]
# **Question 24:** What is the test accuracy on upright and on rotated images? Why do they differ?
#
# **Answer:** In a real run 0.5795 on upright and 0.2480 on rotated images. The network is not invariant to
# rotation and has never seen rotated images. (The numbers to give are those that the cells above print.)

# %% [markdown]
# ## 5.1 Augmentation
# The data are loaded and preprocessed anew.

# %%
cifar10 = load()
X, Y, Xtest, Ytest = cifar10.X, cifar10.Y, cifar10.Xtest, cifar10.Ytest

# %% [markdown]
# Split, scale and encode them as in Part 3. Then make two flows with Keras' `ImageDataGenerator`:
# `train_flow` of training images that are rotated by up to 30° and flipped horizontally and vertically, and
# `val_flow` of validation images. Keras 3 keeps the class where the next cell imports it from;
# `next(train_flow)` gives a batch.

# %%
from keras.src.legacy.preprocessing.image import ImageDataGenerator

batch_size = 128

# %%
# BEGIN SOLUTION
from augmentation import augmented_flow

parts = split(X, Y, test_size=0.25)
Xtrain, Xval, Xtest = preprocess(parts.Xtrain), preprocess(parts.Xval), preprocess(Xtest)
Ytrain, Yval, Ytest = one_hot(parts.Ytrain), one_hot(parts.Yval), one_hot(Ytest)

train_flow = augmented_flow(Xtrain, Ytrain, batch_size)
val_flow = ImageDataGenerator().flow(Xval, Yval, batch_size=batch_size, shuffle=False)
# END SOLUTION

# %%
images, labels = next(train_flow)
fig, axes = plt.subplots(3, 6, figsize=(9, 5))
for ax, picture, label in zip(axes.flat, images, labels, strict=False):
    ax.imshow((picture + 1) / 2)
    ax.set_title(CLASSES[label.argmax()])
    ax.axis("off")
plt.show()

# %% [markdown]
# **Question 25:** What can be done if the images do not fit in memory? What does it cost?
#
# **Answer:** Read them from disk batch by batch, with `flow_from_directory`, a `Sequence` or another
# pipeline. It is slower, because of the disk.

# %% [markdown]
# ## 5.2 Train with augmented images
# Train a new network on `train_flow`, validated on `val_flow`, with the configuration of 4.6 and more
# epochs (`model6`). The number of steps per epoch is a whole number: images divided by batch size, rounded
# up.

# %%
# BEGIN SOLUTION
from training import steps_per_epoch

model6 = build_CNN(
    input_shape, loss, n_conv_layers=2, n_dense_layers=1, n_nodes=32, use_dropout=True,
    learning_rate=learning_rate,
)  # fmt: skip
history6 = model6.fit(
    train_flow,
    validation_data=val_flow,
    steps_per_epoch=steps_per_epoch(len(Xtrain), batch_size),
    epochs=40,
    verbose=2,
)
score6 = model6.evaluate(Xtest, Ytest, batch_size=batch_size, verbose=0)
score6_rotated = model6.evaluate(myrotate(Xtest), Ytest, batch_size=batch_size, verbose=0)
# END SOLUTION
print_score(score6)
print_score(score6_rotated)
plot_results(history6)
plt.show()

# %% [markdown]
# **Question 26:** How does the training accuracy behave, compared with training without augmentation? What
# can be done about it?
#
# **Answer:** It rises more slowly, since every epoch shows images that the network has not seen before. It
# takes more epochs.

# %% [markdown]
# **Question 27:** What other augmentation makes sense for these images?
#
# **Answer:** Shifts, zoom, shear, changes of brightness, shifts of the colour channels.

# %% [markdown]
# Some of the test images that the network gets wrong:

# %% tags=["given"]
from augmentation import misclassified, plot_misclassified

# %%
mistakes = misclassified(model6, Xtest, Ytest)
print(f"{len(mistakes.index)} of {len(Xtest)} test images are misclassified.")
plot_misclassified(Xtest, mistakes)
plt.show()

# %% [markdown]
# ## 5.3 Images of another size

# %% [markdown]
# **Question 28:** Can the network be applied to images of another size, without changing it?
#
# **Answer:** No. The flattened map would have another length than the weights of the first dense layer were
# made for.

# %% [markdown]
# **Question 29:** How would a network have to be built that takes images of any size?
#
# **Answer:** Fully convolutional, or with global average or max pooling in place of `Flatten` before the
# dense layer.

# %% [markdown]
# # Part 6: Carbon footprint
# Measure the energy of training with CarbonTracker. `epoch_start()` and `epoch_end()` belong inside the
# epoch loop, so write a Keras callback that calls them. Train a new network with it (`model7`): the one
# that is tracked is the one just built.

# %%
# BEGIN SOLUTION
from carbon import CarbonCallback

model7 = build_CNN(input_shape, loss, n_conv_layers=2, n_dense_layers=1, learning_rate=learning_rate)
history7 = model7.fit(
    Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=5, verbose=2,
    callbacks=[CarbonCallback()],
)  # fmt: skip
# END SOLUTION

# %% [markdown]
# **Question 28b:** Which setting of the training affects its carbon footprint most?
#
# **Answer:** The number of epochs, to which it is proportional; then the batch size, and how many images
# there are.

# %% [markdown]
# **Question 29b:** How does the batch size affect it?
#
# **Answer:** Small batches mean more steps and make poor use of the device. Very large ones need more
# memory and more power per step.

# %% [markdown]
# **Question 30:** How can the footprint of a network that is used by many people be reduced?
#
# **Answer:** By a smaller, distilled or quantised model, by caching answers, by handling requests in
# batches, by efficient hardware, and by running where and when the electricity is green.

# %% [markdown]
# # Part 7: A pre-trained network
# ResNet50 has been trained on ImageNet. Put five colour photographs of your own into the folder `photos`,
# and hand them in. Without them the first five test images stand in.

# %%
photos = Path("photos")
photos.mkdir(exist_ok=True)
if not any(photos.iterdir()):
    for number, picture in enumerate(cifar10.Xtest[:5], start=1):
        keras.utils.save_img(photos / f"test image {number}.png", picture)
    print("There are no photographs in the folder photos: five test images of 32 × 32 pixels stand in.")

# %% [markdown]
# Load `ResNet50` with its ImageNet weights. Load each photograph, resize it to the size that the network
# expects, add the batch dimension, apply ResNet50's own `preprocess_input` once, predict, and print the
# names of the five most probable classes.

# %%
# BEGIN SOLUTION
from resnet50 import class_names, classify, load_photos, load_resnet50, parameter_facts, photographs_in

network = load_resnet50()  # a warning says so where the weights are missing; they are then random
for found in classify(network, load_photos(photographs_in(photos)), class_names()):
    print(found.photo, *(f"{guess.name} {guess.probability:.2f}" for guess in found.guesses), sep=", ")
print(parameter_facts(network.model))
# END SOLUTION

# %% [markdown]
# **Question 31:** How many convolutional layers does ResNet50 have?
#
# **Answer:** 53 `Conv2D` layers: 49 on the main path and 4 on the shortcuts.

# %% [markdown]
# **Question 32:** How many trainable parameters does it have?
#
# **Answer:** 25,583,592.

# %% [markdown]
# **Question 33:** Which size of images does it expect?
#
# **Answer:** 224 × 224 × 3.

# %% [markdown]
# **Question 34:** Why are second derivatives seldom used for training? Use your answer to Question 32.
#
# **Answer:** The matrix of second derivatives, the Hessian, has one entry for each pair of parameters:
# (2.56 · 10⁷)² ≈ 6.5 · 10¹⁴, far more than any memory holds.

# %% [markdown]
# **Question 35:** How does the carbon footprint of using a pre-trained network compare with training from
# scratch?
#
# **Answer:** It is far lower for the user: the cost of the training was paid once and is shared by all who
# use it.

# %% [markdown]
# # Part 8 (optional): Hyper-parameters with Ray Tune
# Write `train_CNN(config)`, which trains a network with the settings in `config` and reports its validation
# accuracy. Let Ray Tune draw configurations from a search space, and print the best. It needs Ray:
# `pip install "ray[tune]"`.

# %%
# BEGIN SOLUTION
import importlib.util

from training import Prepared
from tuning import Budget, search

if importlib.util.find_spec("ray") is None:
    print('Ray is missing, so Part 8 is left out. Install it with: pip install "ray[tune]>=2.50"')
else:
    prepared = Prepared(Xtrain, Ytrain, Xval, Yval, Xtest, Ytest)
    print(search(prepared, Budget(samples=4, epochs=2)))
# END SOLUTION
