"""A hand-in as students write it: every function in the notebook, the eight cases trained in a loop.

All of it is right. It is what most faults and rewrites edit, so its texts are what their ``replace``
looks for; whoever changes a line here runs ``labgrade audit`` after it.
"""

# ruff: noqa: E501 - students write lines as long as they like

from __future__ import annotations

from checks.kit.fault import HandIn, read_cells

CELLS = read_cells(r'''
# %% [markdown]
# # Project 4: Optical flow, and classification of fish

# %%
import os
import pathlib
import numpy as np
import cv2
import matplotlib.pyplot as plt

DATA = pathlib.Path(os.environ.get('LAB_DATA', 'data'))

# %% [markdown]
# # Part 1: Optical flow
# ## P1.1 Dense flow and its vector field

# %%
# Read the frames of the highway, sorted by name
frame_files = sorted(path for path in (DATA / 'highway').iterdir() if path.suffix in ('.png', '.jpg'))
frames = [cv2.imread(str(path)) for path in frame_files[:30]]
print(len(frames), 'frames of shape', frames[0].shape)

# %%
def compute_flow(prev_frame, frame):
    """Dense optical flow from prev_frame to frame, (H, W, 2) in pixels per frame"""
    if prev_frame.ndim == 3:
        prev_gray = cv2.cvtColor(prev_frame, cv2.COLOR_BGR2GRAY)
        gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    else:
        prev_gray = prev_frame
        gray = frame
    flow = cv2.calcOpticalFlowFarneback(prev_gray, gray, None, 0.5, 3, 15, 3, 5, 1.2, 0)
    return flow

# %%
def flow_grid(shape, step=25):
    """The pixels at which the arrows are drawn"""
    height, width = shape[:2]
    x, y = np.meshgrid(np.arange(step // 2, width, step), np.arange(step // 2, height, step))
    return x, y

# %%
# Quiver plot of the first pair
flow = compute_flow(frames[0], frames[1])
x, y = flow_grid(frames[0].shape)

plt.figure(figsize=(10, 8))
plt.imshow(cv2.cvtColor(frames[0], cv2.COLOR_BGR2RGB))
plt.quiver(x, y, flow[y, x, 0], flow[y, x, 1], color='yellow', angles='xy', scale_units='xy', scale=0.3)
plt.axis('off')
plt.show()

# %% [markdown]
# ## P1.2 Mask of the moving cars

# %%
def flow_mask(flow, threshold=20):
    """255 where something moves, 0 elsewhere"""
    magnitude, angle = cv2.cartToPolar(flow[..., 0], flow[..., 1])
    magnitude = cv2.normalize(magnitude, None, 0, 255, cv2.NORM_MINMAX)
    _, mask = cv2.threshold(magnitude, threshold, 255, cv2.THRESH_BINARY)
    mask = mask.astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    mask = cv2.erode(mask, kernel, iterations=2)
    return mask

# %% [markdown]
# ## P1.3 Masked frame

# %%
def apply_mask(frame, mask):
    """The frame where the mask is set, black elsewhere"""
    return cv2.bitwise_and(frame, frame, mask=mask)

# %%
mask = flow_mask(flow)
masked = apply_mask(frames[0], mask)
fig, axes = plt.subplots(1, 2, figsize=(12, 5))
axes[0].imshow(mask, cmap='gray')
axes[1].imshow(cv2.cvtColor(masked, cv2.COLOR_BGR2RGB))
plt.show()

# %% [markdown]
# # Part 2: Classification of fish
# ## P2.1 Fish data

# %%
def load_fish(root, size=128):
    """All images as (n, size, size, 3) uint8 and the name of the class of each"""
    images = []
    labels = []
    for folder in sorted(pathlib.Path(root).iterdir()):
        if not folder.is_dir() or folder.name.endswith(' GT'):
            continue
        for path in sorted(folder.glob('*.png')):
            image = cv2.imread(str(path))
            if image is None:
                continue
            image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            images.append(cv2.resize(image, (size, size)))
            labels.append(folder.name)
    return np.array(images, dtype=np.uint8), np.array(labels)

# %%
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelBinarizer

images, labels = load_fish(DATA / 'fish')
print(images.shape, labels.shape, np.unique(labels))

# Split before anything is computed from the images
Xtrain, Xtest, ytrain, ytest = train_test_split(images, labels, test_size=0.2, random_state=42, stratify=labels)
Xtrain, Xval, ytrain, yval = train_test_split(Xtrain, ytrain, test_size=0.2, random_state=42, stratify=ytrain)

# %%
binarizer = LabelBinarizer()
Ytrain = binarizer.fit_transform(ytrain)
Yval = binarizer.transform(yval)
Ytest = binarizer.transform(ytest)

# %%
# Scale the images to -1 ... 1
Xtrain = Xtrain.astype('float32') / 127.5 - 1
Xval = Xval.astype('float32') / 127.5 - 1
Xtest = Xtest.astype('float32') / 127.5 - 1
print(Xtrain.shape, Ytrain.shape, Xval.shape, Yval.shape, Xtest.shape, Ytest.shape)

# %% [markdown]
# ## P2.2 VGG-16

# %%
import keras
from keras import layers
from keras.models import Sequential
from keras.optimizers import Adam

def build_vgg16(input_shape=(128, 128, 3), n_classes=9, filters=(64, 128, 256, 512, 512),
                dense=(4096, 4096, 1000), batch_norm=False):
    """VGG-16 with 13 convolutional layers and 3 dense layers before the last"""
    model = Sequential()
    model.add(layers.Input(shape=input_shape))
    if batch_norm:
        model.add(layers.BatchNormalization())
    for n_convolutions, n_filters in zip((2, 2, 3, 3, 3), filters):
        for i in range(n_convolutions):
            model.add(layers.Conv2D(n_filters, (3, 3), padding='same'))
            if batch_norm:
                model.add(layers.BatchNormalization())
            model.add(layers.Activation('relu'))
        model.add(layers.MaxPooling2D((2, 2), strides=(2, 2)))
    model.add(layers.Flatten())
    for n_nodes in dense:
        model.add(layers.Dense(n_nodes, activation='relu'))
    model.add(layers.Dense(n_classes, activation='softmax'))
    return model

# %% [markdown]
# ## P2.3 The eight training cases

# %%
# Settings of each case
standard = {}
normalised = {'filters': (64, 128, 512, 128, 64), 'batch_norm': True}
halved = {'filters': (32, 64, 128, 256, 256), 'dense': (2048, 2048, 500)}
quartered = {'filters': (16, 32, 64, 128, 128), 'dense': (1024, 1024, 250)}
narrow = {'filters': (64, 128, 512, 128, 64), 'dense': (4096, 2048, 1000)}

cases = {
    1: (standard, 1e-3, 128, 20),
    2: (normalised, 1e-5, 32, 10),
    3: (halved, 1e-3, 128, 10),
    4: (quartered, 1e-3, 128, 10),
    5: (narrow, 1e-3, 128, 10),
    6: (normalised, 1e-3, 128, 10),
    7: (standard, 1e-1, 128, 10),
    8: (standard, 1e-5, 128, 10),
}

# %%
histories = {}
scores = {}
predictions = {}
for case, (settings, learning_rate, batch_size, epochs) in cases.items():
    keras.backend.clear_session()
    model = build_vgg16(**settings)
    model.compile(optimizer=Adam(learning_rate=learning_rate), loss='categorical_crossentropy', metrics=['accuracy'])
    history = model.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2)
    histories[case] = history.history
    scores[case] = model.evaluate(Xtest, Ytest, batch_size=batch_size, verbose=0)
    predictions[case] = np.argmax(model.predict(Xtest, batch_size=batch_size, verbose=0), axis=1)
    print('Case %d: test loss %.4f, test accuracy %.4f' % (case, scores[case][0], scores[case][1]))

# %% [markdown]
# ## P2.4 Evaluation

# %%
# Training and validation curves of each case
for case, history in histories.items():
    fig, axes = plt.subplots(1, 2, figsize=(12, 4))
    for ax, name in zip(axes, ('loss', 'accuracy')):
        ax.plot(history[name], label='training')
        ax.plot(history['val_' + name], label='validation')
        ax.set_xlabel('epoch')
        ax.set_ylabel(name)
        ax.legend()
    fig.suptitle('Case %d' % case)
    plt.show()

# %%
# Correct and incorrect test predictions of each case
true_classes = np.argmax(Ytest, axis=1)
correct = [int(np.sum(predictions[case] == true_classes)) for case in cases]
incorrect = [len(true_classes) - number for number in correct]

places = np.arange(len(cases))
plt.figure(figsize=(10, 4))
plt.bar(places - 0.2, correct, width=0.4, label='correct')
plt.bar(places + 0.2, incorrect, width=0.4, label='incorrect')
plt.xticks(places, ['case %d' % case for case in cases])
plt.ylabel('test images')
plt.legend()
plt.show()

# %%
best = max(scores, key=lambda case: scores[case][1])
print('The best is case %d with a test accuracy of %.4f' % (best, scores[best][1]))
''')

HAND_IN = HandIn(cells=CELLS)
